import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LOGGER, type Logger } from '@tributary/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pipeline, type Readable } from 'node:stream';
import { doorKey, guardDoor } from '../doors/door.js';
import { decompressed, decompressor, encodingOf } from '../http/decompression.js';
import { expectedBytes, isJsonType } from '../http/request-headers.js';
import { send } from '../http/send.js';
import { errorAnswer, type ErrorCode } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import { InFlight } from '../log/in-flight.js';
import { SOURCE_REGISTRY, type SourceRegistry } from '../sources/source-registry.port.js';
import { IMPORT_LIMITS, IMPORT_ROUTE, Importer } from './importer.js';

const LINES = /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines)\s*(;|$)/i;

/** Takes files of calls, a line each, as they stream in; and batches in JSON, which some SDKs send here. */
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
      scope.addContentTypeParser(LINES, (_request, payload, parsed) => {
        parsed(null, payload);
      });
      const limits = { parseAs: 'buffer', bodyLimit: REQUEST_LIMITS.bodyBytes } as const;
      scope.addContentTypeParser('*', limits, (_request, body, parsed) => {
        parsed(null, body);
      });
      const { intake, inFlight, metrics, logger } = this;
      const keyInBody = (request: FastifyRequest) => !isLines(request);
      guardDoor(
        scope,
        { intake, inFlight, metrics, logger },
        { refusalOf, bytesOf: reservedBytes, keyInBody },
      );
      scope.post(IMPORT_ROUTE, (request, reply) =>
        isLines(request) ? this.#file(request, reply) : this.#batch(request, reply),
      );
      done();
    });
  }

  async #file(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const source = this.sources.sourceOf(doorKey(request) ?? '');
    if (!source) return send(reply, errorAnswer('unknown_write_key'));
    try {
      const answer = await this.importer.take(source, bytesOf(request));
      // Nothing of a file that was given up is read any more: the connection cannot bear another request.
      if (answer.status === 503) reply.header('connection', 'close');
      return await send(reply, answer);
    } catch (error) {
      if (!request.raw.destroyed || request.raw.complete) throw error;
      this.logger.info({ source: source.sourceId }, 'the sender of a file went away');
      return reply.hijack();
    }
  }

  async #batch(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const body = await decompressed(bytes, encodingOf(request.headers['content-encoding']) ?? 'identity');
    if (!body.ok && body.error === 'body_too_large') return send(reply, errorAnswer(body.error));
    const writeKey = doorKey(request);
    const taken = await this.intake.take({
      route: IMPORT_ROUTE,
      body: body.ok ? body.value : bytes,
      malformed: !body.ok,
      ...(writeKey === undefined ? {} : { writeKey }),
    });
    return send(reply, taken);
  }
}

function isLines({ headers }: FastifyRequest): boolean {
  return LINES.test(headers['content-type'] ?? '');
}

function reservedBytes(request: FastifyRequest): number {
  return isLines(request) ? IMPORT_LIMITS.reservedBytes : expectedBytes(request.headers);
}

function refusalOf(request: FastifyRequest): ErrorCode | undefined {
  const { headers } = request;
  if (!encodingOf(headers['content-encoding'])) return 'unsupported_encoding';
  if (isLines(request)) return undefined;
  if (!isJsonType(headers['content-type'])) return 'unsupported_content_type';
  return Number(headers['content-length'] ?? 0) > REQUEST_LIMITS.bodyBytes ? 'body_too_large' : undefined;
}

/** The file's bytes, decompressed on the way: no more is read than is taken. */
function bytesOf({ body, headers }: FastifyRequest): AsyncIterable<Buffer> {
  const stream = body as Readable;
  const encoding = encodingOf(headers['content-encoding']) ?? 'identity';
  if (encoding === 'identity') return stream;
  // A failure of either end is what reading from the other throws.
  return pipeline(stream, decompressor(encoding), () => undefined);
}
