import { runService } from '@tributary/service';
import { identity } from './identity.js';

await runService(identity);
