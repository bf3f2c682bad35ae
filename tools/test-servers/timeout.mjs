// A project's testTimeout is not heard when Jest runs several projects; this is.
import { jest } from '@jest/globals';

jest.setTimeout(60_000);
