export { type LocalMongo, type LocalMongoOptions, startLocalMongo } from './server.js';
