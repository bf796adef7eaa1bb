// From the text of ctaskrc.yaml to settings; what is wrong is told with its place, all of it at once.
import { CloudTaskError } from '../../../base/index.js';
import { locatedYaml } from '../../heavy/yaml.js';
import { ruleProblems } from './rules.js';
import { NO_SETTINGS, type OwnColumn, type Plugin, type UiSettings } from './settings.js';
import { problemsOf, type SettingProblem } from './shape.js';
import { shortcutName, uiShape } from './ui-shape.js';

const SECTION = 'ui';

/** As it is written, once it is known to have this form. */
interface Written extends Pick<UiSettings, 'skin' | 'mouse' | 'readOnly'> {
  readonly views?: Readonly<Record<string, { readonly columns?: readonly OwnColumn[] }>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly plugins?: readonly (Pick<Plugin, 'shortcut' | 'scopes' | 'description' | 'command'> & Partial<Plugin>)[];
}

/** Throws CT_CONFIG_INVALID with a cause for each problem, `at` its place. */
export function readSettings(text: string, file: string): UiSettings {
  const { value, errors, placeOf } = locatedYaml(text);
  const [broken] = errors;
  if (broken !== undefined) {
    const { message, line, column } = broken;
    throw refused(file, `not YAML: ${message}`, [{ message, at: `${file}:${line}:${column}` }]);
  }
  const section = (value as Record<string, unknown> | null)?.[SECTION];
  if (section === undefined || section === null) return NO_SETTINGS;
  const place = ({ path, key }: SettingProblem): string => {
    const { line, column } = placeOf(path, key === true);
    return `${file}:${line}:${column}`;
  };
  const wrongForm = problemsOf(uiShape, section, [SECTION]);
  const settings = wrongForm.length === 0 ? settingsOf(section as Written) : NO_SETTINGS;
  const problems = wrongForm.length === 0 ? ruleProblems(settings, [SECTION]) : wrongForm;
  if (problems.length === 0) return settings;
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  throw refused(
    file,
    `${count} in the settings of the dashboard`,
    problems.map((problem) => ({ message: problem.message, at: place(problem) })),
  );
}

function settingsOf({ skin, mouse, readOnly, views = {}, aliases = {}, plugins = [] }: Written): UiSettings {
  const columns = Object.entries(views).flatMap(([plural, view]) =>
    view.columns === undefined || view.columns.length === 0 ? [] : [[plural, view.columns] as const],
  );
  return {
    ...(skin === undefined ? {} : { skin }),
    ...(mouse === undefined ? {} : { mouse }),
    ...(readOnly === undefined ? {} : { readOnly }),
    columns: new Map(columns),
    aliases: new Map(Object.entries(aliases)),
    plugins: plugins.map((plugin) => ({
      ...{ args: [], confirm: false, dangerous: false, background: false },
      ...plugin,
      shortcut: shortcutName(plugin.shortcut),
    })),
  };
}

function refused(file: string, detail: string, causes: readonly { message: string; at: string }[]): CloudTaskError {
  const reason = 'FieldValueInvalid';
  return new CloudTaskError('CT_CONFIG_INVALID', {
    ...{ subject: file, detail },
    causes: causes.map((cause) => ({ ...cause, reason })),
  });
}
