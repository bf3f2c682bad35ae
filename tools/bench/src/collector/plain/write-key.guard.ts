import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';

const EXPECTED = `Basic ${Buffer.from('dev-write-key:').toString('base64')}`;

interface Headed {
  readonly headers: { readonly authorization?: string };
}

@Injectable()
export class WriteKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Headed>();
    if (headers.authorization === EXPECTED) return true;
    throw new UnauthorizedException('unknown write key');
  }
}
