// For properties on many cases.
import { jest } from '@jest/globals';

jest.setTimeout(1_800_000);
