export { startLocalCluster } from './cluster.js';
export type { LocalCluster, LocalClusterOptions } from './cluster.js';
export type { ImageEntry, LocalImage, NodeOptions } from './kubelet/index.js';
export type { Log, LogLevel } from './log.js';
