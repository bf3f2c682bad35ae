import type { HttpReply } from '@tributary/service';
import { etagOf } from '../control/changes.js';

/** A resource as an answer, with its version as ETag; 201 where it was created. */
export function answer<T extends { readonly version: number }>(
  reply: HttpReply,
  resource: T,
  created = false,
): T {
  if (created) reply.status(201);
  reply.header('etag', etagOf(resource));
  return resource;
}
