interface ChoicesFieldProps {
  readonly label: string;
  readonly choices: readonly string[];
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly problem?: string | undefined;
}

/** Several of a few words, each ticked or not; they stay in the order in which they are offered. */
export function ChoicesField({ label, choices, values, onChange, problem }: ChoicesFieldProps) {
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice} className="check-line">
          <input
            type="checkbox"
            checked={values.includes(choice)}
            onChange={({ target }) => {
              const chosen = new Set(values);
              if (target.checked) chosen.add(choice);
              else chosen.delete(choice);
              onChange(choices.filter((one) => chosen.has(one)));
            }}
          />
          {choice}
        </label>
      ))}
      {problem !== undefined && <small className="problem">{problem}</small>}
    </fieldset>
  );
}
