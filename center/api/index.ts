export { ApiServer, type ApiServerOptions } from './api-server.js';
export { type Api, type ApiOptions, createApi } from './create-api.js';
export { Metrics, type MetricsOptions } from './metrics/metrics.js';
export { type ApiContext, GROUP_PATH, type Role, type Route } from './route.js';
export { allRoutes } from './routes/index.js';
