interface FigureProps {
  readonly name: string;
  readonly value: number;
}

/** One number of `dl.figures`. */
export function Figure({ name, value }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value.toLocaleString('en')}</dd>
    </div>
  );
}
