export {
  hashPassword,
  PASSWORD_COST,
  passwordFault,
  SALT_BYTES,
  verifyPassword,
  type PasswordCost,
} from './password.js';
export {
  AREAS,
  areaGrants,
  may,
  ROLES,
  roleGrant,
  scopeGrant,
  SCOPES,
  type Area,
  type Grant,
  type Need,
  type Role,
  type Scope,
} from './grant.js';
export { needText, grantText } from './grant-text.js';
export { lifeOf, matches, type KeptToken, type TokenState } from './kept-token.js';
export {
  isSameSecret,
  issue,
  ISSUED_BYTES,
  readIssued,
  secretDigest,
  type Issued,
  type IssuedKind,
} from './issued.js';
export { SignInThrottle, THROTTLE_LIMITS, type ThrottleLimits } from './sign-in-throttle.js';
