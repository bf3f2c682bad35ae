import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { mediaKindOf } from '../body/media-type.js';
import { bodyRefusal } from '../body/request-body.js';
import { expectedBytes } from '../http/request-headers.js';
import type { Reads } from '../http/routes.table.js';
import { IMPORT_LIMITS } from '../import/import-limits.js';
import type { ErrorCode } from '../intake/answer.js';
import { REQUEST_LIMITS } from '../limits.js';
import { isFormType } from '../webhook/form-body.js';

/** What is asked of a request to one kind of route before its body is read. */
export interface AdmissionRules {
  /** Whose requests they are: those of sources, by a write key, or the api's, by its token. */
  readonly sender: 'source' | 'api';
  /** Whether pages of other origins may read the answer. */
  readonly isForPages: boolean;
  /** Whether a request without a write key beside its body is refused at once. */
  readonly needsKey: (headers: IncomingHttpHeaders) => boolean;
  /** What is wrong with the headers of the body. */
  readonly refusalOf: (headers: IncomingHttpHeaders) => ErrorCode | undefined;
  /** The bytes to hold room for. */
  readonly bytesOf: (request: FastifyRequest) => number;
}

const READ: AdmissionRules = {
  sender: 'source',
  isForPages: true,
  needsKey: () => false,
  refusalOf: () => undefined,
  bytesOf: ({ url }) => url.length,
};

const POSTED: AdmissionRules = {
  ...READ,
  refusalOf: (headers) => bodyRefusal(headers),
  bytesOf: ({ headers }) => expectedBytes(headers),
};

const WEBHOOK: AdmissionRules = {
  ...POSTED,
  isForPages: false,
  needsKey: () => true,
  refusalOf: (headers) =>
    bodyRefusal(headers, (kind, contentType) => kind !== 'other' || isFormType(contentType)),
};

export const ADMISSION_RULES: Readonly<Record<Reads, AdmissionRules>> = {
  call: POSTED,
  batch: POSTED,
  merge: POSTED,
  metrics: POSTED,
  pixel: READ,
  settings: READ,
  'source-config': READ,
  webhook: WEBHOOK,
  'webhook-check': { ...WEBHOOK, bytesOf: READ.bytesOf },
  import: {
    sender: 'source',
    isForPages: false,
    needsKey: (headers) => !mayBeDocument(headers),
    // A file may be larger than any other body.
    refusalOf: (headers) => {
      const code = bodyRefusal(headers, () => true);
      return code === 'body_too_large' ? undefined : code;
    },
    bytesOf: ({ headers }) => {
      const isSmall = Number(headers['content-length'] ?? Infinity) <= REQUEST_LIMITS.bodyBytes;
      return isSmall && mayBeDocument(headers) ? expectedBytes(headers) : IMPORT_LIMITS.reservedBytes;
    },
  },
  replay: {
    ...READ,
    sender: 'api',
    isForPages: false,
    bytesOf: ({ headers }) => Number(headers['content-length'] ?? REQUEST_LIMITS.replayBytes),
  },
};

/** A JSON document may have the write key in itself; of any other file the key is known before it is read. */
function mayBeDocument(headers: IncomingHttpHeaders): boolean {
  return mediaKindOf(headers['content-type']) !== 'other';
}
