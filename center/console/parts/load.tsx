interface LoadProps {
  readonly load: number | undefined;
  readonly cpus: number | undefined;
  /** Whose it is. */
  readonly of: string;
}

/** Load in relation to the processors, of which there is one bar. */
export function Load({ load, cpus = 1, of }: LoadProps) {
  if (load === undefined) return <span className="faint none">–</span>;
  const share = load / cpus;
  // A bar that is full by then says by its colour that there is more to do than processors for it.
  const over = share > 1;
  return (
    <span
      className={over ? 'load over' : 'load'}
      title={`Load average ${load.toFixed(2)} on ${cpus} ${cpus === 1 ? 'processor' : 'processors'}`}
    >
      <meter
        min={0}
        max={1}
        low={0.8}
        high={over ? 0.8 : 1}
        optimum={0}
        value={Math.min(1, share)}
        aria-label={`Load of ${of}`}
      />
      <span className="number">
        {load.toFixed(2)}
        <span className="muted"> / {cpus}</span>
      </span>
    </span>
  );
}
