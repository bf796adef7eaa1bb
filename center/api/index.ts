export { ApiServer, type ApiServerOptions } from './api-server.js';
export { type Api, type ApiOptions, createApi } from './create-api.js';
export type { Role, Route } from './route.js';
