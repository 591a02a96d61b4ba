/** Cloudemy's version, as its API documents, images and manifests name it. A test holds it to the root package.json. */
export const version = '0.1.0';
