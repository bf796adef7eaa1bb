/** What the center answers to `…/tasks/NAME/why`. */
export interface Why {
  readonly namespace: string;
  readonly task: string;
  readonly findings: readonly { readonly reason: string; readonly message: string }[];
  readonly nextTime?: string;
  /** null: no agent; absent: nobody knows now. */
  readonly owner?: string | null;
  readonly agents: {
    readonly total: number;
    readonly eligible: number;
    readonly items: readonly {
      readonly name: string;
      readonly owner: boolean;
      readonly eligible: boolean;
      readonly reasons: readonly string[];
    }[];
  };
  readonly after?: {
    readonly match: string;
    readonly within?: string;
    readonly tasks: readonly {
      readonly name: string;
      readonly on: string;
      readonly missing?: true;
      readonly arrived?: {
        readonly run: string;
        readonly state: string;
        readonly time: string;
        readonly asked: boolean;
      };
      readonly latest?: {
        readonly run: string;
        readonly state: string;
        readonly time: string;
        readonly used: boolean;
      };
    }[];
  };
  readonly triggers?: readonly string[];
  readonly lastUnrun?: { readonly run: string; readonly state: string; readonly reason: string; readonly time: string };
}
