import { useState } from 'react';
import { SelectField } from '../../parts/fields.js';
import {
  chooseDensity,
  chooseZone,
  type Density,
  storedDensity,
  storedZone,
  type Zone,
} from '../../shell/preferences.js';
import { chooseTheme, storedTheme, type Theme } from '../../shell/theme.js';
import { here } from '../../text/times.js';

/** Kept in this browser. */
export function Looks() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const [zone, setZone] = useState<Zone>(storedZone);
  const [density, setDensity] = useState<Density>(storedDensity);
  return (
    <section className="card form" aria-label="Appearance">
      <header className="card-head">
        <h2>Appearance</h2>
        <span className="muted">kept in this browser</span>
      </header>
      <SelectField
        label="Colours"
        value={theme}
        onChange={(value) => {
          chooseTheme(value as Theme);
          setTheme(value as Theme);
        }}
        options={[
          ['system', 'As the system'],
          ['light', 'Light'],
          ['dark', 'Dark'],
        ]}
      />
      <SelectField
        label="Exact times"
        value={zone}
        onChange={(value) => {
          chooseZone(value as Zone);
          setZone(value as Zone);
        }}
        options={[
          ['local', `In your zone (${here()})`],
          ['utc', 'In UTC'],
        ]}
      />
      <SelectField
        label="Rows of tables"
        value={density}
        onChange={(value) => {
          chooseDensity(value as Density);
          setDensity(value as Density);
        }}
        options={[
          ['comfortable', 'Comfortable'],
          ['compact', 'Compact: more rows at once'],
        ]}
      />
    </section>
  );
}
