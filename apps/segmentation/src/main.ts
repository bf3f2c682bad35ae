import { runService } from '@tributary/service';
import { segmentation } from './segmentation.js';

await runService(segmentation);
