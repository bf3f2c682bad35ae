import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { needText, type Area, type Need, type Scope } from '@tributary/access';
import { Fails } from '../http/route.decorators.js';

/** The metadata of a route: a {@link Need}, {@link SIGNED_IN} or {@link INSTALLATION}. */
export const NEEDS = 'tributary:needs';
/** Whoever has a token or a session may ask, whatever it is for. */
export const SIGNED_IN = 'signed-in';
/** For the admins of the installation: those who have the token of the settings, or are at its machine. */
export const INSTALLATION = 'installation';

/** Says what a route, or each of a controller's that says nothing itself, needs. Every route says so or is `@Public()`. */
export function Needs(scope: Exclude<Scope, 'write'>): MethodDecorator & ClassDecorator;
export function Needs(scope: 'write', area: Area): MethodDecorator & ClassDecorator;
export function Needs(scope: Scope, area?: Area): MethodDecorator & ClassDecorator {
  const need = (area === undefined ? { scope } : { scope, area }) as Need;
  return applyDecorators(
    SetMetadata(NEEDS, need),
    ApiExtension('x-scope', scope),
    Fails([403, `it needs ${needText(need)}`]),
  );
}

/** A route for everybody who has a token or a session. */
export const NeedsSignIn = () =>
  applyDecorators(SetMetadata(NEEDS, SIGNED_IN), ApiExtension('x-scope', SIGNED_IN));

/** A route for the admins of the installation alone. */
export const NeedsInstallation = () =>
  applyDecorators(
    SetMetadata(NEEDS, INSTALLATION),
    ApiExtension('x-scope', INSTALLATION),
    Fails([403, 'it needs the token of the settings, or to be sent from the machine of the installation']),
  );
