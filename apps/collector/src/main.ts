import { runService } from '@tributary/service';
import { collector } from './collector.js';

await runService(collector);
