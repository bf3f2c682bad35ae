import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@tributary/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pipeline, Readable } from 'node:stream';
import { Refusals } from '../admission/refusals.js';
import { streamInUtf8 } from '../body/charset.js';
import { decompressor, encodingIn, encodingOf } from '../body/decompression.js';
import type { HandlersOf } from '../http/route-handler.js';
import { IMPORT_PATH, type Route } from '../http/routes.table.js';
import { send } from '../http/send.js';
import { writeKeyOf } from '../http/write-key.js';
import { errorText, type Answer } from '../intake/answer.js';
import { Pipeline } from '../intake/pipeline.js';
import type { Refusal } from '../intake/reasons.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { Beginning, beginningOf } from './beginning.js';
import { elementsOf } from './elements.js';
import { formOf, isTelling } from './file-form.js';
import { IMPORT_LIMITS } from './import-limits.js';
import { Importer, unreadableBy } from './importer.js';
import { linesOf, type Line } from './lines.js';
import { peek } from './peek.js';
import { withoutSilence } from './silence.js';

const MAGIC_BYTES = 4;

/**
 * Takes files of calls as they stream in, a line or an array's element each; and batches in JSON, which some SDKs send
 * here. The file itself says which of these it is, whatever its Content-Type.
 */
@Injectable()
export class ImportHandlers {
  readonly handlers: HandlersOf<'import'> = {
    import: (route, request, reply) => this.#take(route, request, reply),
  };

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    private readonly pipeline: Pipeline,
    private readonly refusals: Refusals,
    private readonly importer: Importer,
  ) {}

  async #take(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const packed = new Beginning();
    const writeKey = writeKeyOf(request, route.keys);
    try {
      const answer = await this.#answerOf(request, writeKey, packed);
      // Nothing of a file that was given up is read any more: the connection cannot carry another request.
      if (answer.status !== 200 && !request.raw.complete) reply.header('connection', 'close');
      return await send(reply, answer);
    } catch (error) {
      const code = unreadableBy(error);
      if (code) {
        const answer = await this.#refuse(writeKey, packed.bytes, { code });
        return send(reply.header('connection', 'close'), answer);
      }
      if (!request.raw.destroyed || request.raw.complete) throw error;
      this.logger.info('the sender of a file went away');
      return reply.hijack();
    }
  }

  async #answerOf(request: FastifyRequest, writeKey: string | undefined, packed: Beginning): Promise<Answer> {
    const skip = skipOf(request);
    if (skip === undefined) return this.refusals.answer({ code: 'invalid_skip' });
    const { head, chunks } = await peek(await textOf(request, packed), isTelling);
    const form = formOf(head);
    if (form.is === 'document') return this.#document(writeKey, chunks);
    if (form.is === 'unreadable') {
      const message = `${errorText('unreadable_file')}; this seems to be ${form.seems}`;
      const { bytes } = await beginningOf(chunks);
      return this.#refuse(writeKey, bytes, { code: 'unreadable_file', message });
    }
    const { lineBytes } = IMPORT_LIMITS;
    const lines = form.is === 'array' ? elementsOf(chunks, lineBytes) : linesOf(chunks, lineBytes, form.end);
    return this.#lines({ writeKey, skip }, lines, packed);
  }

  #lines(
    { writeKey, skip }: { readonly writeKey: string | undefined; readonly skip: number },
    lines: AsyncIterable<Line>,
    packed: Beginning,
  ): Promise<Answer> | Answer {
    const source = this.#sourceOf(writeKey);
    if (source)
      return this.importer.take(
        source,
        lines,
        (code) => this.#refuse(writeKey, packed.bytes, { code }),
        skip,
      );
    const code = writeKey === undefined ? 'missing_write_key' : 'unknown_write_key';
    return this.refusals.answer({ code });
  }

  #sourceOf(writeKey: string | undefined): Source | undefined {
    return writeKey === undefined ? undefined : this.sources.sourceOf(writeKey);
  }

  /** Keeps what was read of a file that is refused whole, where it is known whose it is. */
  async #refuse(writeKey: string | undefined, body: Buffer, refusal: Refusal): Promise<Answer> {
    const source = this.#sourceOf(writeKey);
    if (!source) return this.refusals.answer({ code: refusal.code }, refusal.message);
    return this.pipeline.refuseWhole(source, { route: IMPORT_PATH, body }, refusal);
  }

  async #document(writeKey: string | undefined, chunks: AsyncIterable<Buffer>): Promise<Answer> {
    const { bytes: body, isWhole } = await beginningOf(chunks);
    if (!isWhole) return this.refusals.answer({ source: this.#sourceOf(writeKey), code: 'body_too_large' });
    return this.pipeline.take({
      route: IMPORT_PATH,
      body,
      ...(writeKey === undefined ? {} : { writeKey }),
    });
  }
}

/** How many lines are to be passed over: those that an answer counted before the file broke off. */
function skipOf({ query }: FastifyRequest): number | undefined {
  const { skip = '0' } = query as { readonly skip?: unknown };
  return typeof skip === 'string' && /^\d{1,15}$/.test(skip) ? Number(skip) : undefined;
}

/** The file's text in UTF-8, decompressed and decoded on the way: no more is read than is taken. */
async function textOf(
  { body, headers }: FastifyRequest,
  beginning: Beginning,
): Promise<AsyncIterable<Buffer>> {
  const packed = await peek(beginning.of(withoutSilence(streamOf(body), IMPORT_LIMITS.silenceMs)), hasMagic);
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

function streamOf(body: unknown): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}

function hasMagic(head: Buffer): boolean {
  return head.length >= MAGIC_BYTES;
}
