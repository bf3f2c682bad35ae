import { ApiBody } from '@nestjs/swagger';

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: object }>>;

/** What a page that tries the API fills in; the schema of the body is that of `@Body`. */
export const BodyExamples = (examples: Examples) => ApiBody({ schema: {}, examples: { ...examples } });
