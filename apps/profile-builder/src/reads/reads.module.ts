import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { FragmentsModule } from '../fragments/fragments.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { ReadRoutes } from './read.routes.js';

/** The states of the processors, for the api to read. */
@Module({ imports: [FragmentsModule, ProfilesModule, AccountsModule], providers: [ReadRoutes] })
export class ReadsModule {}
