import { runService } from '@tributary/service';
import { profileBuilder } from './profile-builder.js';

await runService(profileBuilder);
