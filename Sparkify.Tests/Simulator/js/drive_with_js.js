// Drives the simulator with the official SDK for JavaScript: drive_with_js.js URL REGION KEY SECRET; exits 0 when everything was as it should be.
import assert from "node:assert/strict";
import {
  CreateClusterCommand, CreateClusterSnapshotCommand, DeleteClusterCommand, DeleteClusterSnapshotCommand, DescribeClustersCommand,
  DescribeEventsCommand, GetClusterCredentialsCommand, ModifyClusterCommand, RebootClusterCommand, RedshiftClient,
  RestoreFromClusterSnapshotCommand, waitUntilClusterAvailable, waitUntilClusterDeleted, waitUntilClusterRestored, waitUntilSnapshotAvailable,
} from "@aws-sdk/client-redshift";

const [endpoint, region, accessKeyId, secretAccessKey] = process.argv.slice(2);
const client = new RedshiftClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
const quick = { client, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.2 };
const cluster = { ClusterIdentifier: "c-js" };
const send = (command) => client.send(command);
const show = async (of = cluster) => (await send(new DescribeClustersCommand(of))).Clusters[0];

async function refused(name, command) {
  await assert.rejects(send(command), (error) => error.name === name && error.$metadata.requestId !== undefined);
}

await send(new CreateClusterCommand({
  ClusterIdentifier: "C-js", NodeType: "ra3.large", ClusterType: "single-node", MasterUsername: "admin", MasterUserPassword: "Passw0rdx",
}));
assert.equal((await show()).ClusterStatus, "creating");
await refused("InvalidClusterStateFault", new ModifyClusterCommand({ ...cluster, PubliclyAccessible: true }));
await waitUntilClusterAvailable(quick, cluster);
assert.deepEqual((await show()).ClusterNodes.map((node) => node.NodeRole), ["SHARED"]);

const begun = await send(new ModifyClusterCommand({ ...cluster, NodeType: "ra3.xlplus", NumberOfNodes: 2, AutomatedSnapshotRetentionPeriod: 7 }));
assert.deepEqual([begun.Cluster.ClusterStatus, begun.Cluster.PendingModifiedValues.NumberOfNodes], ["resizing", 2]);
await waitUntilClusterAvailable(quick, cluster);
assert.deepEqual([(await show()).NumberOfNodes, (await show()).AutomatedSnapshotRetentionPeriod], [2, 7]);
await send(new RebootClusterCommand(cluster));
await waitUntilClusterAvailable(quick, cluster);
const login = await send(new GetClusterCredentialsCommand({ ...cluster, DbUser: "admin", DbGroups: ["readers"] }));
assert.equal(login.DbUser, "IAM:admin");
assert.ok(login.Expiration > new Date());

await send(new CreateClusterSnapshotCommand({ ...cluster, SnapshotIdentifier: "s-js", Tags: [{ Key: "a", Value: "b" }] }));
await waitUntilSnapshotAvailable(quick, { SnapshotIdentifier: "s-js" });
await refused("ClusterSnapshotAlreadyExistsFault", new CreateClusterSnapshotCommand({ ...cluster, SnapshotIdentifier: "s-js" }));
await send(new DeleteClusterCommand({ ...cluster, SkipFinalClusterSnapshot: true }));
await waitUntilClusterDeleted(quick, cluster);
await refused("ClusterNotFoundFault", new DescribeClustersCommand(cluster));

await refused("ClusterSnapshotNotFoundFault", new RestoreFromClusterSnapshotCommand({ ...cluster, SnapshotIdentifier: "none" }));
await send(new RestoreFromClusterSnapshotCommand({ ...cluster, SnapshotIdentifier: "S-JS" }));
await waitUntilClusterAvailable(quick, cluster);
await waitUntilClusterRestored(quick, cluster);
assert.deepEqual([(await show()).NodeType, (await show()).NumberOfNodes, (await show()).MasterUsername], ["ra3.xlplus", 2, "admin"]);
await send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: "s-js" }));
await send(new DeleteClusterCommand({ ...cluster, SkipFinalClusterSnapshot: true }));
await waitUntilClusterDeleted(quick, cluster);
const events = (await send(new DescribeEventsCommand({ SourceType: "cluster", SourceIdentifier: "c-js" }))).Events;
assert.deepEqual([events[0].EventId, events.at(-1).EventId], ["REDSHIFT-EVENT-2000", "REDSHIFT-EVENT-2001"]);
console.log("all as it should be");
