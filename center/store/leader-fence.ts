// Who may write as the leader.

/** Fences the leader's writes: refused with CT_STALE_EPOCH when the store has seen a greater epoch (guarantee: DESIGN 3). */
export interface LeaderFence {
  readonly epoch: number;
}
