declare const __CTASK_VERSION__: string | undefined;

/** Version of this program: the build puts it in. */
export const VERSION = typeof __CTASK_VERSION__ === 'string' ? __CTASK_VERSION__ : '0.0.0-dev';
