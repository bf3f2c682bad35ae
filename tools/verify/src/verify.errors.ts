/** Why a verification could not come to a result: one line for a reader. */
export class VerifyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VerifyError';
  }
}
