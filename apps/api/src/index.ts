export { openApiDocument } from './documents/openapi.js';
