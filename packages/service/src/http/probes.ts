const probes = /^\/(livez|readyz|healthz|health|metrics)$/;

/** Whether a path is asked every few seconds by machines: as log lines and traces such requests are noise. */
export const isProbe = (path: string): boolean => probes.test(path);
