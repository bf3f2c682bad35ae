import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LOGGER, type Logger } from '@tributary/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pipeline, Readable } from 'node:stream';
import { streamInUtf8 } from '../body/charset.js';
import { mediaKindOf } from '../body/media-type.js';
import { bodyRefusal } from '../body/request-body.js';
import { writeKeyOfRequest, guardRoutes } from '../admission/admission.js';
import { decompressor, encodingIn, encodingOf } from '../http/decompression.js';
import { expectedBytes } from '../http/request-headers.js';
import { send } from '../http/send.js';
import { errorText, type Answer, type ErrorCode } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import type { Refusal } from '../intake/payload.js';
import { InFlight } from '../log/in-flight.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { Beginning, beginningOf } from './beginning.js';
import { elementsOf } from './elements.js';
import { formOf, isTelling } from './file-form.js';
import { IMPORT_LIMITS } from './import-limits.js';
import { IMPORT_ROUTE, Importer, unreadableBy } from './importer.js';
import { linesOf, type Line } from './lines.js';
import { peek } from './peek.js';

const MAGIC_BYTES = 4;

/**
 * Takes files of calls as they stream in, a line or an array's element each; and batches in JSON, which some SDKs send
 * here. The file itself says which of these it is, whatever its Content-Type.
 */
@Injectable()
export class ImportRoutes implements OnModuleInit {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    private readonly host: HttpAdapterHost,
    private readonly intake: Intake,
    private readonly inFlight: InFlight,
    private readonly metrics: IntakeMetrics,
    private readonly importer: Importer,
  ) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, parsed) => {
        parsed(null, payload);
      });
      const { intake, inFlight, metrics, logger } = this;
      guardRoutes(
        scope,
        { intake, inFlight, metrics, logger },
        { refusalOf, bytesOf: reservedBytes, keyInBody },
      );
      scope.post(IMPORT_ROUTE, (request, reply) => this.#take(request, reply));
      done();
    });
  }

  async #take(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const packed = new Beginning();
    try {
      const answer = await this.#answerOf(request, packed);
      // Nothing of a file that was given up is read any more: the connection cannot bear another request.
      if (answer.status !== 200 && !request.raw.complete) reply.header('connection', 'close');
      return await send(reply, answer);
    } catch (error) {
      const code = unreadableBy(error);
      if (code) {
        const answer = await this.#refuse(request, packed.bytes, { code });
        return send(reply.header('connection', 'close'), answer);
      }
      if (!request.raw.destroyed || request.raw.complete) throw error;
      this.logger.info('the sender of a file went away');
      return reply.hijack();
    }
  }

  async #answerOf(request: FastifyRequest, packed: Beginning): Promise<Answer> {
    const { head, chunks } = await peek(await textOf(request, packed), isTelling);
    const form = formOf(head);
    if (form.is === 'document') return this.#document(request, chunks);
    if (form.is === 'unreadable') {
      const message = `${errorText('unreadable_file')}; this seems to be ${form.seems}`;
      const { bytes } = await beginningOf(chunks);
      return this.#refuse(request, bytes, { code: 'unreadable_file', message });
    }
    const { lineBytes } = IMPORT_LIMITS;
    const lines = form.is === 'array' ? elementsOf(chunks, lineBytes) : linesOf(chunks, lineBytes, form.end);
    return this.#lines(request, lines, packed);
  }

  #lines(request: FastifyRequest, lines: AsyncIterable<Line>, packed: Beginning): Promise<Answer> | Answer {
    const source = this.#sourceOf(request);
    if (source)
      return this.importer.take(source, lines, (code) => this.#refuse(request, packed.bytes, { code }));
    const code = writeKeyOfRequest(request) === undefined ? 'missing_write_key' : 'unknown_write_key';
    return this.intake.notKept(source, code);
  }

  #sourceOf(request: FastifyRequest): Source | undefined {
    const key = writeKeyOfRequest(request);
    return key === undefined ? undefined : this.sources.sourceOf(key);
  }

  /** Keeps what was read of a file that is refused whole, where it is known whose it is. */
  async #refuse(request: FastifyRequest, body: Buffer, refusal: Refusal): Promise<Answer> {
    const source = this.#sourceOf(request);
    if (!source) return this.intake.notKept(source, refusal.code, refusal.message);
    return this.intake.refuseWhole(source, { route: IMPORT_ROUTE, body }, refusal);
  }

  async #document(request: FastifyRequest, chunks: AsyncIterable<Buffer>): Promise<Answer> {
    const { bytes: body, isWhole } = await beginningOf(chunks);
    if (!isWhole) return this.intake.notKept(this.#sourceOf(request), 'body_too_large');
    const writeKey = writeKeyOfRequest(request);
    return this.intake.take({
      route: IMPORT_ROUTE,
      body,
      ...(writeKey === undefined ? {} : { writeKey }),
    });
  }
}

/** Only what may be one JSON document: of any other file the key is known before it is read. */
function keyInBody({ headers }: FastifyRequest): boolean {
  return mediaKindOf(headers['content-type']) !== 'other';
}

function reservedBytes(request: FastifyRequest): number {
  const isSmall = Number(request.headers['content-length'] ?? Infinity) <= REQUEST_LIMITS.bodyBytes;
  return isSmall && keyInBody(request) ? expectedBytes(request.headers) : IMPORT_LIMITS.reservedBytes;
}

function refusalOf({ headers }: FastifyRequest): ErrorCode | undefined {
  const code = bodyRefusal(headers, () => true);
  return code === 'body_too_large' ? undefined : code;
}

/** The file's text in UTF-8, decompressed and decoded on the way: no more is read than is taken. */
async function textOf(
  { body, headers }: FastifyRequest,
  beginning: Beginning,
): Promise<AsyncIterable<Buffer>> {
  const packed = await peek(beginning.of(body instanceof Readable ? body : Readable.from([])), hasMagic);
  const named = encodingOf(headers['content-encoding']) ?? 'identity';
  const encoding = named === 'identity' ? encodingIn(packed.head) : named;
  // A failure of either end is what reading from the other throws.
  const plain =
    encoding === 'identity'
      ? packed.chunks
      : pipeline(Readable.from(packed.chunks), decompressor(encoding), () => undefined);
  const { head, chunks } = await peek(plain, hasMagic);
  return streamInUtf8(chunks, head, headers['content-type']);
}

function hasMagic(head: Buffer): boolean {
  return head.length >= MAGIC_BYTES;
}
