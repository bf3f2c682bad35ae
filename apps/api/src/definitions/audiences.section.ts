import { Injectable } from '@nestjs/common';
import type { AudienceMessage } from '@tributary/contracts';
import { ControlPlane, type Definition, type Definitions } from '@tributary/control';
import { failed, ok } from '@tributary/kernel';
import { AudienceBody, AudienceKey } from '../audiences/audience.dto.js';
import { AUDIENCES } from '../audiences/audience.kind.js';
import { AudiencesService } from '../audiences/audiences.service.js';
import { problem } from '../http/problems.js';
import { bodyAt, entriesById, problemsOfFailure, type Section } from './section.js';

/** Audiences in files: by their queries, in the normal form. */
@Injectable()
export class AudiencesSection implements Section<AudienceMessage> {
  readonly name = 'audiences';
  readonly what = 'audience';
  readonly area = 'audiences';
  readonly definitions: Definitions<AudienceMessage>;

  constructor(
    plane: ControlPlane,
    private readonly audiences: AudiencesService,
  ) {
    this.definitions = plane.definitions(AUDIENCES);
  }

  exported(stored: readonly Definition<AudienceMessage>[]): object {
    return Object.fromEntries(stored.map(({ id, value }) => [id, this.show(value)]));
  }

  entriesIn(sent: unknown) {
    return entriesById<AudienceMessage>(this.name, sent, (key, place, one) => {
      const named = AudienceKey['~standard'].validate({ key });
      if (named.issues)
        return failed(named.issues.map(({ detail }) => problem(place, `(its key) ${detail}`)));
      const body = bodyAt(place, AudienceBody, one);
      if (!body.ok) return body;
      return ok({
        id: key,
        place,
        change: (before: Definition<AudienceMessage> | undefined) => {
          const change = this.audiences.wanted(key, body.value, before);
          return Promise.resolve(change.ok ? change : failed(problemsOfFailure(place, change.error)));
        },
        show: (value: AudienceMessage) => this.show(value),
      });
    });
  }

  isThere(): boolean {
    return true;
  }

  removal() {
    return 'remove' as const;
  }

  show({ name, description, query }: AudienceMessage): object {
    return { name, ...(description === undefined ? {} : { description }), query };
  }
}
