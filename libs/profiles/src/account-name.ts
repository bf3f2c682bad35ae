/** The longest group id that names an account, in bytes of UTF-8: as of an identifier. */
const MAX_GROUP_ID_BYTES = 512;

/** The account that a call names, `group_id:<groupId>`; undefined where it is no group call, or the id is too long. */
export function accountNamedBy({
  type,
  groupId,
}: {
  readonly type: string;
  readonly groupId?: string | undefined;
}): string | undefined {
  if (type !== 'group' || groupId === undefined || groupId === '') return undefined;
  return Buffer.byteLength(groupId) <= MAX_GROUP_ID_BYTES ? `group_id:${groupId}` : undefined;
}
