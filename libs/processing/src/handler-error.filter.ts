import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands what a consumer's method threw to the strategy that called it as it is. Nest's own filter logs it and hands on
 * `Internal server error`, which a process that ends over it cannot have as its last word.
 */
@Catch()
export class HandlerErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
