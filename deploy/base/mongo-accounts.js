// Run by mongosh inside the container of MongoDB, which lets nobody but a client on its own machine make the first account.
// It runs at every start: an installation from before there were accounts gets them too, and a changed password counts.
const fs = require('fs');

const secret = (name) => fs.readFileSync(`/etc/cloudemy/mongo/${name}`, 'utf8').trim();
const admin = connect('mongodb://127.0.0.1:27017/admin');

try {
  admin.createUser({ user: 'root', pwd: secret('mongo-root-password'), roles: ['root'] });
} catch (error) {
  // Unauthorized: there is an account already.
  if (error.code !== 13) throw error;
}
admin.auth('root', secret('mongo-root-password'));

const account = { pwd: secret('mongo-password'), roles: ['readWriteAnyDatabase', 'dbAdminAnyDatabase'] };
if (admin.getUser('cloudemy') === null) {
  admin.createUser({ user: 'cloudemy', ...account });
} else {
  admin.updateUser('cloudemy', account);
}
