export { createKubelet } from './kubelet.js';
export type { Kubelet } from './kubelet.js';
export { baseImages, ImageTable } from './images.js';
export type { ImageEntry, LocalImage } from './images.js';
export { describeNode } from './node.js';
export type { NodeOptions } from './node.js';
