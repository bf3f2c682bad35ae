import { Global, Module } from '@nestjs/common';
import { BackFill } from './back-fill.js';

/** What was before the activation of an aggregate, from the table of events to `profile.seeds.v1`. */
@Global()
@Module({ providers: [BackFill], exports: [BackFill] })
export class BackFillModule {}
