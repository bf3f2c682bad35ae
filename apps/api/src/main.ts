import { runService } from '@tributary/service';
import { api } from './api.js';

await runService(api);
