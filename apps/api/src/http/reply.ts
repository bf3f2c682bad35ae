import type { HttpReply } from '@tributary/service';
import { etagOf } from '../control/changes.js';

/** What became of a change, as the status says it. */
export interface Outcome {
  /** 201. */
  readonly created?: boolean;
  /** 202: it will be in force, and is not yet. */
  readonly isUnderWay?: boolean;
}

/** A resource as an answer, with its version as ETag. */
export function answer<T extends { readonly version: number }>(
  reply: HttpReply,
  resource: T,
  { created = false, isUnderWay = false }: Outcome = {},
): T {
  if (created) reply.status(201);
  if (isUnderWay) reply.status(202);
  reply.header('etag', etagOf(resource));
  return resource;
}

/** An answer without a body; 202 where what was asked for is not in force yet. */
export function accepted(reply: HttpReply, { isUnderWay = false }: Outcome): void {
  if (isUnderWay) reply.status(202);
}
