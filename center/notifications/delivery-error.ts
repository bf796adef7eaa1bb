/** A try to deliver something has failed. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Nothing has arrived, for certain. */
  readonly certain: boolean;
  /** It is about these recipients; others may be reached. */
  readonly recipientsOnly: boolean;

  constructor(message: string, { certain, recipientsOnly = false }: { certain: boolean; recipientsOnly?: boolean }) {
    super(message);
    this.certain = certain;
    this.recipientsOnly = recipientsOnly;
  }
}
