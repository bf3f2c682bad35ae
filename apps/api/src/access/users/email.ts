/** An email address as it is kept and compared: in lower case. */
export function emailOf(text: string): string {
  return text.trim().toLowerCase();
}

/** One @, something on both sides, no blanks: more only the mail itself can say. */
export const EMAIL_PATTERN = '^\\s*[^@\\s]+@[^@\\s]+\\s*$';
