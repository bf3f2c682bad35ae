import { Inject, Injectable } from '@nestjs/common';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import { PassThrough, type Readable } from 'node:stream';
import type { ApiConfig } from '../../api.config.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { AudiencesService } from '../audiences.service.js';
import type { ChangeWindow, ToldChange } from './change-window.js';
import { KafkaLiveChanges } from './kafka.live-changes.js';

const HEARTBEAT_MS = 15_000;
/** Then whoever listens comes back by itself, with a token that is looked at again. */
const LONGEST_MS = 15 * 60_000;
/** Whoever is so far behind is cut off, and comes back where it was. */
const MOST_WAITING_BYTES = 1024 * 1024;

const NO_POSITIONS: ApiFailure = {
  code: 'invalid_request',
  message: 'Last-Event-ID is none that a stream of changes gave: send it as it is, or leave it out.',
};

/** Changes of an audience as server-sent events. */
@Injectable()
export class ChangeStreamsService {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly changes: KafkaLiveChanges,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  /** From now on, or from where a former stream ended. */
  async open(audienceKey: string, lastEventId: string | undefined): Promise<Result<Readable, ApiFailure>> {
    const stored = await this.audiences.resource.stored({ key: audienceKey });
    if (!stored.ok) return stored;
    const window = await this.changes.window();
    const { API_CHANGE_STREAMS: most } = this.config;
    if (this.changes.listeners >= most)
      return failed({
        code: 'too_many_streams',
        message: `${most} streams of changes are open in this process: close one, or set API_CHANGE_STREAMS higher.`,
      });
    const of = { workspaceId: currentWorkspace(), audienceKey };
    const missed = lastEventId === undefined ? undefined : window.since(lastEventId, of);
    if (lastEventId !== undefined && !missed) return failed(NO_POSITIONS);
    const stream = new EventStream(window);
    if (missed?.hasGap) stream.gap();
    else stream.ready(missed?.changes ?? []);
    const leave = this.changes.listen({
      ...of,
      tell: (change, position) => {
        stream.tell(change, position);
      },
      end: () => {
        stream.end();
      },
    });
    stream.out.once('close', leave);
    return ok(stream.out);
  }
}

/** What is written to one listener. The id of an event is where the listener is when it has read it. */
class EventStream {
  readonly out = new PassThrough();

  constructor(private readonly window: ChangeWindow) {
    // An id alone is no event; it says that nothing was missed until there.
    const heartbeat = setInterval(() => {
      this.#write(`id: ${window.position}\n\n`);
    }, HEARTBEAT_MS);
    const last = setTimeout(() => {
      this.end();
    }, LONGEST_MS);
    this.out.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(last);
    });
    // A listener that goes away is no failure.
    this.out.on('error', () => undefined);
  }

  /** Missed changes have no ids: a listener that is cut off among them gets all of them again. */
  ready(missed: readonly ToldChange[]): void {
    for (const { text } of missed) this.#write(`event: change\ndata: ${text}\n\n`);
    this.#event('ready', '{}', this.window.position);
  }

  /** What was missed is not known: the listener has to read the members again. */
  gap(): void {
    this.#event('gap', '{}', this.window.position);
  }

  tell({ text }: ToldChange, position: string): void {
    this.#event('change', text, position);
  }

  end(): void {
    this.out.end();
  }

  #event(name: string, text: string, position: string): void {
    this.#write(`id: ${position}\nevent: ${name}\ndata: ${text}\n\n`);
  }

  #write(text: string): void {
    if (this.out.writableEnded || this.out.destroyed) return;
    this.out.write(text);
    if (this.out.writableLength + this.out.readableLength > MOST_WAITING_BYTES) this.out.destroy();
  }
}
