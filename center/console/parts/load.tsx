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
  return (
    <span
      className="load"
      title={`Load average ${load.toFixed(2)} on ${cpus} ${cpus === 1 ? 'processor' : 'processors'}`}
    >
      <meter
        min={0}
        max={1.5}
        low={0.8}
        high={1}
        optimum={0}
        value={Math.min(1.5, share)}
        aria-label={`Load of ${of}`}
      />
      <span className="number">
        {load.toFixed(2)}
        <span className="muted"> / {cpus}</span>
      </span>
    </span>
  );
}
