import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ControlModule } from '../control/control.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { AccessDatabase } from './access-database.js';
import { AccessGuard } from './access.guard.js';
import { AccessLifecycle } from './access-lifecycle.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditRetention } from './audit/audit-retention.js';
import { AuditService } from './audit/audit.service.js';
import { Authenticator } from './authenticator.js';
import { DeclaredNeeds } from './declared-needs.js';
import { OidcClient } from './oidc/oidc-client.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcCookie } from './oidc/oidc-cookie.js';
import { OidcService } from './oidc/oidc.service.js';
import { Passwords } from './sessions/passwords.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService } from './sessions/sign-in.service.js';
import { TokensController } from './tokens/tokens.controller.js';
import { TokensService } from './tokens/tokens.service.js';
import { LinksService } from './users/links.service.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';
import { WelcomeController } from './users/welcome.controller.js';

/** Who may do what, and who did what. */
@Module({
  imports: [ControlModule, WorkspacesModule],
  controllers: [
    TokensController,
    UsersController,
    SessionController,
    OidcController,
    AuditController,
    WelcomeController,
  ],
  providers: [
    DeclaredNeeds,
    AccessDatabase,
    AccessLifecycle,
    AuditRetention,
    AuditService,
    Authenticator,
    LinksService,
    OidcClient,
    OidcCookie,
    OidcService,
    Passwords,
    SessionCookie,
    SessionsService,
    SignInService,
    TokensService,
    UsersService,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessDatabase],
})
export class AccessModule {}
