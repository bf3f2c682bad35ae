import type { Logger } from '@tributary/service';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { sendFailure } from '../http/failure.js';
import { send } from '../http/send.js';
import { writeKeyOf } from '../http/write-key.js';
import type { Answer, ErrorCode } from '../intake/answer.js';
import type { Intake } from '../intake/intake.js';
import type { IntakeMetrics } from '../intake/intake.metrics.js';
import type { InFlight } from '../log/in-flight.js';

/** What every endpoint needs. */
export interface AdmissionParts {
  readonly intake: Intake;
  readonly inFlight: InFlight;
  readonly metrics: IntakeMetrics;
  readonly logger: Logger;
}

/** What is asked of a request before its body is read. */
export interface AdmissionRules {
  /** What is wrong with it, beside the write key. */
  readonly refusalOf: (request: FastifyRequest) => ErrorCode | undefined;
  /** The bytes to hold room for. */
  readonly bytesOf: (request: FastifyRequest) => number;
  /** Whether the body may bear the write key, so that only a wrong one elsewhere is refused. */
  readonly keyInBody?: (request: FastifyRequest) => boolean;
}

/**
 * Stands at a scope of routes: refuses who has no key, and what there is no room
 * for, before anything of the body is read.
 */
export function guardRoutes(
  scope: FastifyInstance,
  parts: AdmissionParts,
  { refusalOf, bytesOf, keyInBody }: AdmissionRules,
): void {
  scope.addHook('onRequest', (request, reply, done) => {
    // Fastify refuses an empty one, and takes none for what it is.
    if (request.headers['content-type'] === '') delete request.headers['content-type'];
    const key = writeKeyOfRequest(request);
    const source = key === undefined ? undefined : parts.intake.sourceOf(key);
    const sourceId = source?.sourceId;
    const notKept = (code: ErrorCode) => parts.intake.notKept(source, code);
    const bytes = bytesOf(request);
    const code = refusalOf(request);
    const refusal =
      keyRefusal(key, request, parts.intake, keyInBody?.(request) ?? false) ??
      (code && notKept(code)) ??
      (parts.inFlight.reserve(bytes, sourceId) ? undefined : notKept('overloaded'));
    reply.raw.once('close', () => {
      if (!refusal) parts.inFlight.release(bytes, sourceId);
      parts.metrics.answered(request.routeOptions.url ?? '', reply.statusCode, reply.elapsedTime / 1_000);
    });
    if (refusal) send(reply, refusal);
    else done();
  });
  scope.setErrorHandler<FastifyError>((error, request, reply) =>
    sendFailure(error, request, reply, parts.logger, (code) =>
      parts.intake.notKept(parts.intake.sourceOf(writeKeyOfRequest(request) ?? ''), code),
    ),
  );
}

/** The write key of a request whose body may be none of ours; in the address for senders that are told nothing else. */
export function writeKeyOfRequest(request: FastifyRequest): string | undefined {
  return writeKeyOf(request, ['basic', 'header', 'query']);
}

function keyRefusal(
  key: string | undefined,
  { headers }: FastifyRequest,
  intake: Intake,
  inBody: boolean,
): Answer | undefined {
  if (key !== undefined) return intake.refusalOf(key, headers.origin);
  return inBody ? undefined : intake.notKept(undefined, 'missing_write_key');
}
