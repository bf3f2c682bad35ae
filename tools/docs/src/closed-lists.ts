import { FLAG_MEANINGS, REASON_MEANINGS } from '@tributary/events';
import { VIOLATION_MEANINGS } from '@tributary/plans';
import { HTTP_ERROR_ADVICE, HTTP_ERRORS } from '@tributary/service';
import { load, type Code } from './code.js';
import type { DocumentedError, ErrorList } from './errors.js';
import type { DocumentedRoute } from './routes.js';
import type { DocumentedTable } from './tables.js';

type Texts = Readonly<Record<string, readonly [status: number, meaning: string]>>;
type ApiErrors = Readonly<Record<string, readonly [status: number, meaning: string, advice: string]>>;
type Meanings = Readonly<Record<string, readonly [meaning: string, advice: string]>>;

/** Every list of codes that an answer may have, as the code has it. */
export async function errorLists(root: string, code: Code): Promise<readonly ErrorList[]> {
  const [{ ERRORS }, { ERROR_ADVICE }, api] = await Promise.all([
    load<{ readonly ERRORS: Texts }>(root, 'apps/collector', code, 'intake/answer'),
    load<{ readonly ERROR_ADVICE: Readonly<Record<string, string>> }>(
      root,
      'apps/collector',
      code,
      'intake/error-advice',
    ),
    load<{ readonly ERRORS: ApiErrors }>(root, 'apps/api', code, 'http/api.errors'),
  ]);
  return [
    {
      title: 'Requests to the collector',
      text: 'A 5xx and a 429 ask for the same request again, after `Retry-After` seconds; anything else in the 4xx will be refused again. What is refused whole is kept whole in `events.rejected.v1`, if its source is known and it was read: what is refused for its size (`body_too_large`), type, charset or encoding by its headers is not, nor is a 401, 403, 429 or 5xx. Of a larger file the first 500 KB are kept. Each is counted by source (`unknown` where none is known) and code: what is kept in `tributary_collector_events_rejected_total`, what is not in `tributary_collector_requests_not_kept_total`.',
      errors: advised(ERRORS, ERROR_ADVICE),
    },
    {
      title: 'Single calls',
      text: 'In `rejected` of an answer, with `index`, `messageId` and `field`, and as `reasons` in `events.rejected.v1`. The other calls of the batch are accepted.',
      errors: meant({ ...REASON_MEANINGS, ...VIOLATION_MEANINGS }),
    },
    {
      title: 'What looks wrong in calls that are accepted',
      text: 'In `context.tributary.flags` of the event, with `field`; differences from a plan that lets them pass are in `context.tributary.violations`.',
      errors: meant(FLAG_MEANINGS),
    },
    {
      title: 'Requests to the API',
      text: 'In `error`, with `details` where there are some.',
      errors: Object.entries(api.ERRORS).map(([name, [status, meaning, advice]]) => ({
        code: name,
        status,
        meaning,
        advice,
      })),
    },
    {
      title: 'HTTP itself',
      text: 'Of every service, before a request reaches a route; the connection is closed after most of them.',
      errors: advised(HTTP_ERRORS, HTTP_ERROR_ADVICE),
    },
  ];
}

export async function collectorRoutes(root: string, code: Code): Promise<readonly DocumentedRoute[]> {
  const { ROUTES } = await load<{ readonly ROUTES: readonly DocumentedRoute[] }>(
    root,
    'apps/collector',
    code,
    'http/routes.table',
  );
  return ROUTES;
}

/** In the order in which an event goes through their owners. */
export async function publicTables(root: string, code: Code): Promise<readonly DocumentedTable[]> {
  interface Tables {
    readonly PUBLIC_TABLES: readonly DocumentedTable[];
  }
  const found = await Promise.all([
    load<Tables>(root, 'apps/profile-builder', code, 'tables/public-tables'),
    load<Tables>(root, 'apps/segmentation', code, 'tables/public-tables'),
    load<Tables>(root, 'libs/clickhouse', code, 'schemas/public-tables'),
    load<Tables>(root, 'apps/collector', code, 'tables/public-tables'),
  ]);
  return found.flatMap(({ PUBLIC_TABLES }) => PUBLIC_TABLES);
}

function advised(texts: Texts, advice: Readonly<Record<string, string>>): readonly DocumentedError[] {
  return Object.entries(texts).map(([code, [status, meaning]]) => ({
    code,
    status,
    meaning,
    advice: advice[code] ?? '',
  }));
}

function meant(meanings: Meanings): readonly DocumentedError[] {
  return Object.entries(meanings).map(([code, [meaning, advice]]) => ({ code, meaning, advice }));
}
