"""Drives the simulator with the official SDK for Python: what it refuses to understand, AWS would not have said.

Usage: drive_with_boto3.py URL REGION KEY SECRET; exits 0 when everything was as it should be.
"""
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, region, key, secret = sys.argv[1:5]
QUICK = {"Delay": 0.1, "MaxAttempts": 200}


def client(name, secret_key=secret):
    return boto3.client(name, endpoint_url=url, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret_key,
                        config=Config(retries={"max_attempts": 1}))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{call.__name__}: expected {code}, found {found}: {error}"
        return
    raise AssertionError(f"{call.__name__} should have been refused with {code}")


def identity():
    me = client("sts").get_caller_identity()
    assert me["Account"] == "123456789012" and ":user/" in me["Arn"], me
    refused("SignatureDoesNotMatch", client("sts", "wrong").get_caller_identity)
    refused("AuthFailure", client("ec2", "wrong").describe_vpcs)
    refused("SignatureDoesNotMatch", client("s3", "wrong").list_buckets)
    refused("SignatureDoesNotMatch", client("redshift", "wrong").describe_clusters)
    refused("SignatureDoesNotMatch", client("iam", "wrong").list_roles)
    refused("InvalidSignatureException", client("secretsmanager", "wrong").list_secrets)


def role(iam):
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    refused("MalformedPolicyDocument", iam.create_role, RoleName="r-boto", AssumeRolePolicyDocument="not json")
    arn = iam.create_role(RoleName="r-boto", AssumeRolePolicyDocument=trust, Tags=[{"Key": "owner", "Value": "té st&"}])["Role"]["Arn"]
    iam.get_waiter("role_exists").wait(RoleName="r-boto", WaiterConfig=QUICK)
    refused("EntityAlreadyExists", iam.create_role, RoleName="r-boto", AssumeRolePolicyDocument=trust)
    refused("MalformedPolicyDocument", iam.put_role_policy, RoleName="r-boto", PolicyName="read", PolicyDocument=trust)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]})
    iam.put_role_policy(RoleName="r-boto", PolicyName="read", PolicyDocument=policy)
    assert iam.get_role_policy(RoleName="r-boto", PolicyName="read")["PolicyDocument"]["Version"] == "2012-10-17"
    assert iam.get_role(RoleName="r-boto")["Role"]["Tags"] == [{"Key": "owner", "Value": "té st&"}]
    for n in range(7):
        iam.create_role(RoleName=f"page-{n}", AssumeRolePolicyDocument=trust)
    names = [r["RoleName"] for r in iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3}).search("Roles[]")]
    assert names == [f"page-{n}" for n in range(7)] + ["r-boto"], names
    for n in range(7):
        iam.delete_role(RoleName=f"page-{n}")
    refused("DeleteConflict", iam.delete_role, RoleName="r-boto")
    return arn


def policies(iam):
    assert iam.get_user()["User"]["Arn"] == client("sts").get_caller_identity()["Arn"]
    refused("NoSuchEntity", iam.get_user, UserName="nobody")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    refused("MalformedPolicyDocument", iam.create_policy, PolicyName="p-boto", PolicyDocument="not json")
    made = iam.create_policy(PolicyName="p-boto", Path="/team/", PolicyDocument=document, Description="for the test")["Policy"]
    arn = made["Arn"]
    assert arn == "arn:aws:iam::123456789012:policy/team/p-boto" and made["AttachmentCount"] == 0, made
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="p-boto", PolicyDocument=document)
    iam.attach_role_policy(RoleName="r-boto", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]["Statement"][0]["Action"] == "s3:*"
    assert [r["RoleName"] for r in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == ["r-boto"]
    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [arn]
    aws = [p["Arn"] for p in iam.get_paginator("list_policies").paginate(Scope="AWS").search("Policies[]")]
    assert len(aws) > 1000 and "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" in aws, len(aws)
    assert [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName="r-boto")["AttachedPolicies"]] == ["p-boto"]
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_role_policy(RoleName="r-boto", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)
    refused("NoSuchEntity", iam.attach_role_policy, RoleName="r-boto", PolicyArn=arn)


def group(ec2):
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    assert len(ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]) == 3
    created = ec2.create_security_group(GroupName="g-boto", Description="for the test", VpcId=vpc, TagSpecifications=[
        {"ResourceType": "security-group", "Tags": [{"Key": "sparkify:warehouse", "Value": "w"}]}])["GroupId"]
    refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="g-boto", Description="again", VpcId=vpc)
    rule = [{"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "me"}]}]
    ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=rule)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=created, IpPermissions=rule)
    shown = ec2.describe_security_groups(Filters=[{"Name": "tag:sparkify:warehouse", "Values": ["w"]}])["SecurityGroups"]
    assert [g["GroupId"] for g in shown] == [created] and shown[0]["IpPermissions"][0]["IpRanges"][0]["CidrIp"] == "203.0.113.7/32", shown
    office = [{"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0", "Description": "office"}]}]
    ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=office)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=created, IpPermissions=office)
    refused("InvalidPrefixListID.NotFound", ec2.authorize_security_group_ingress, GroupId=created, IpPermissions=[
        office[0] | {"PrefixListIds": [{"PrefixListId": "pl-office"}]}])
    lists = lambda: [p["PrefixListIds"] for p in ec2.describe_security_groups(GroupIds=[created])["SecurityGroups"][0]["IpPermissions"]]
    assert lists() == [office[0]["PrefixListIds"]], lists()
    shown = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [created]}])["SecurityGroupRules"]
    assert [r.get("PrefixListId") for r in shown if not r["IsEgress"]] == [None, "pl-0123456789abcdef0"], shown
    ec2.revoke_security_group_ingress(GroupId=created, IpPermissions=office)
    assert lists() == [[]], lists()
    shouted = [rule[0] | {"IpProtocol": "TCP", "FromPort": 22, "ToPort": 22}]
    ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=shouted)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=created, IpPermissions=[shouted[0] | {"IpProtocol": "6"}])
    ec2.revoke_security_group_ingress(GroupId=created, IpPermissions=[shouted[0] | {"IpProtocol": "tcp"}])
    out = lambda: ec2.describe_security_groups(GroupIds=[created])["SecurityGroups"][0]["IpPermissionsEgress"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    assert [(p["IpProtocol"], p["IpRanges"], "FromPort" in p) for p in out()] == [("-1", [{"CidrIp": "0.0.0.0/0"}], False)], out()
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_egress, GroupId=created, IpPermissions=everything)
    ec2.revoke_security_group_egress(GroupId=created, IpPermissions=everything)
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_egress, GroupId=created, IpPermissions=everything)
    allowed = ec2.authorize_security_group_egress(GroupId=created, IpPermissions=rule)["SecurityGroupRules"][0]
    assert allowed["IsEgress"] and out()[0]["FromPort"] == 5439, (allowed, out())
    ec2.revoke_security_group_egress(GroupId=created, SecurityGroupRuleIds=[allowed["SecurityGroupRuleId"]])
    assert out() == [], out()
    refused("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=["sg-00000000000000000"])
    refused("DryRunOperation", ec2.describe_vpcs, DryRun=True)
    assert region in [r["RegionName"] for r in ec2.describe_regions()["Regions"]]
    return created


def cluster(redshift, secrets, role_arn, group_id):
    wanted = dict(ClusterIdentifier="c-boto", NodeType="ra3.large", ClusterType="single-node", MasterUsername="admin", ManageMasterPassword=True,
                  Encrypted=True, IamRoles=[role_arn], VpcSecurityGroupIds=[group_id], Tags=[{"Key": "sparkify:warehouse", "Value": "w"}])
    refused("InvalidParameterValue", redshift.create_cluster, **(wanted | {"NumberOfNodes": 1}))
    refused("InvalidParameterValue", redshift.create_cluster, **(wanted | {"Encrypted": False}))
    refused("InvalidParameterValue", redshift.create_cluster, **(wanted | {"ClusterIdentifier": "Bad--Name"}))
    refused("InvalidParameterValue", redshift.create_cluster, **(wanted | {"Port": 80}))
    refused("InvalidParameterCombination", redshift.create_cluster, **(wanted | {"MasterUserPassword": "Passw0rdx"}))
    refused("InvalidParameterValue", redshift.create_cluster, **(wanted | {"NodeType": "dc2.large"}))
    refused("NumberOfNodesQuotaExceeded", redshift.create_cluster, **(wanted | {"NodeType": "dc1.large"}))
    created = redshift.create_cluster(**wanted)["Cluster"]
    assert created["ClusterStatus"] == "creating" and "Endpoint" not in created, created
    refused("ClusterAlreadyExists", redshift.create_cluster, **wanted)
    refused("InvalidClusterState", redshift.delete_cluster, ClusterIdentifier="c-boto", SkipFinalClusterSnapshot=True)
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="c-boto", WaiterConfig=QUICK)
    shown = redshift.describe_clusters(TagKeys=["sparkify:warehouse"])["Clusters"][0]
    assert shown["Endpoint"]["Port"] == 5439 and shown["Encrypted"] and shown["IamRoles"][0]["IamRoleArn"] == role_arn, shown
    login = json.loads(secrets.get_secret_value(SecretId=shown["MasterPasswordSecretArn"])["SecretString"])
    assert login["username"] == "admin" and login["password"], "no login in the managed secret"
    redshift.pause_cluster(ClusterIdentifier="c-boto")
    until(lambda: redshift.describe_clusters(ClusterIdentifier="c-boto")["Clusters"][0]["ClusterStatus"] == "paused")
    redshift.resume_cluster(ClusterIdentifier="c-boto")
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="c-boto", WaiterConfig=QUICK)


def changes(redshift):
    of, node = {"ClusterIdentifier": "c-boto"}, lambda: redshift.describe_clusters(ClusterIdentifier="C-BOTO")["Clusters"][0]
    available = lambda: redshift.get_waiter("cluster_available").wait(ClusterIdentifier="c-boto", WaiterConfig=QUICK)
    refused("InvalidParameterCombination", redshift.modify_cluster, **of, NumberOfNodes=2)
    refused("ClusterParameterGroupNotFound", redshift.modify_cluster, **of, ClusterParameterGroupName="none")
    refused("UnsupportedOptionFault", redshift.modify_cluster, **of, NewClusterIdentifier="d-boto")
    redshift.create_cluster_parameter_group(ParameterGroupName="g-boto", ParameterGroupFamily="redshift-2.0", Description="for the test")
    redshift.modify_cluster_parameter_group(ParameterGroupName="g-boto", Parameters=[
        {"ParameterName": "statement_timeout", "ParameterValue": "60000"}])
    changed = redshift.describe_cluster_parameters(ParameterGroupName="g-boto", Source="user")["Parameters"]
    assert [(p["ParameterName"], p["ParameterValue"]) for p in changed] == [("statement_timeout", "60000")], changed
    begun = redshift.modify_cluster(**of, NodeType="ra3.xlplus", NumberOfNodes=2, ClusterParameterGroupName="g-boto")["Cluster"]
    assert begun["ClusterStatus"] == "resizing" and begun["PendingModifiedValues"]["NumberOfNodes"] == 2, begun
    refused("InvalidClusterState", redshift.reboot_cluster, **of)
    available()
    assert node()["NumberOfNodes"] == 2 and node()["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot", node()
    assert [n["NodeRole"] for n in node()["ClusterNodes"]] == ["LEADER", "COMPUTE-0", "COMPUTE-1"], node()
    redshift.reboot_cluster(**of)
    available()
    assert node()["ClusterParameterGroups"] == [{"ParameterGroupName": "g-boto", "ParameterApplyStatus": "in-sync"}], node()
    login = redshift.get_cluster_credentials(**of, DbUser="analyst", AutoCreate=True, DbGroups=["readers"])
    assert login["DbUser"] == "IAMA:analyst" and login["DbPassword"] and login["Expiration"], "no temporary password"
    own = redshift.get_cluster_credentials_with_iam(**of, DurationSeconds=3600)
    assert own["DbUser"] == "IAM:engineer" and own["NextRefreshTime"], "no temporary password of the caller's"

    redshift.create_cluster_snapshot(**of, SnapshotIdentifier="s-boto", Tags=[{"Key": "a", "Value": "b"}])
    refused("ClusterSnapshotAlreadyExists", redshift.create_cluster_snapshot, **of, SnapshotIdentifier="S-boto")
    redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier="s-boto", WaiterConfig=QUICK)
    redshift.restore_from_cluster_snapshot(ClusterIdentifier="r-boto", SnapshotIdentifier="s-boto")
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="r-boto", WaiterConfig=QUICK)
    redshift.get_waiter("cluster_restored").wait(ClusterIdentifier="r-boto", WaiterConfig=QUICK)
    restored = redshift.describe_clusters(ClusterIdentifier="r-boto")["Clusters"][0]
    assert (restored["NodeType"], restored["NumberOfNodes"], restored["MasterUsername"]) == ("ra3.xlplus", 2, "admin"), restored
    assert restored["ClusterParameterGroups"][0]["ParameterGroupName"] == "default.redshift-2.0", restored
    redshift.delete_cluster(ClusterIdentifier="r-boto", SkipFinalClusterSnapshot=True)
    redshift.get_waiter("cluster_deleted").wait(ClusterIdentifier="r-boto", WaiterConfig=QUICK)
    redshift.delete_cluster_snapshot(SnapshotIdentifier="s-boto")
    refused("ClusterSnapshotNotFound", redshift.describe_cluster_snapshots, SnapshotIdentifier="s-boto")
    refused("InvalidClusterParameterGroupState", redshift.delete_cluster_parameter_group, ParameterGroupName="g-boto")
    seen = [e["EventId"] for e in redshift.describe_events(SourceType="cluster", SourceIdentifier="c-boto")["Events"]]
    assert "REDSHIFT-EVENT-2000" in seen and "REDSHIFT-EVENT-3000" in seen and "REDSHIFT-EVENT-3002" in seen, seen


def teardown(redshift, ec2, iam, group_id):
    refused("DependencyViolation", ec2.delete_security_group, GroupId=group_id)
    refused("InvalidParameterCombination", redshift.delete_cluster, ClusterIdentifier="c-boto")
    redshift.delete_cluster(ClusterIdentifier="c-boto", FinalClusterSnapshotIdentifier="last-boto", FinalClusterSnapshotRetentionPeriod=3)
    redshift.get_waiter("cluster_deleted").wait(ClusterIdentifier="c-boto", WaiterConfig=QUICK)
    redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier="last-boto", WaiterConfig=QUICK)
    redshift.delete_cluster_snapshot(SnapshotIdentifier="last-boto")
    redshift.delete_cluster_parameter_group(ParameterGroupName="g-boto")
    until(lambda: not ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group_id]}])["NetworkInterfaces"])
    ec2.delete_security_group(GroupId=group_id)
    iam.delete_role_policy(RoleName="r-boto", PolicyName="read")
    iam.delete_role(RoleName="r-boto")
    refused("NoSuchEntity", iam.get_role, RoleName="r-boto")


def objects(s3):
    s3.create_bucket(Bucket="b-boto", CreateBucketConfiguration={"LocationConstraint": region})
    for n in range(5):
        s3.put_object(Bucket="b-boto", Key=f"log data/2018/11/{n} events+é.json", Body=b'{"a":%d}' % n)
    s3.put_object(Bucket="b-boto", Key="log_other", Body=b"x")
    keys = [o["Key"] for o in s3.get_paginator("list_objects_v2").paginate(
        Bucket="b-boto", Prefix="log data/", PaginationConfig={"PageSize": 2}).search("Contents[]")]
    assert keys == [f"log data/2018/11/{n} events+é.json" for n in range(5)], keys
    folders = s3.list_objects_v2(Bucket="b-boto", Delimiter="/")
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["log data/"] and folders["Contents"][0]["Key"] == "log_other", folders
    part = s3.get_object(Bucket="b-boto", Key=keys[3], Range="bytes=1-3")
    assert part["Body"].read() == b'"a"' and part["ContentRange"] == "bytes 1-3/7", part
    assert s3.head_object(Bucket="b-boto", Key=keys[0])["ContentLength"] == 7
    assert s3.head_bucket(Bucket="b-boto")["BucketRegion"] == region
    assert s3.get_bucket_location(Bucket="b-boto")["LocationConstraint"] == region
    refused("NoSuchKey", s3.get_object, Bucket="b-boto", Key="none")
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="none-boto")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="b-boto")
    parts(s3)
    for name in keys + ["log_other"]:
        s3.delete_object(Bucket="b-boto", Key=name)
    s3.delete_bucket(Bucket="b-boto")


def parts(s3):
    import io
    from boto3.s3.transfer import TransferConfig
    large = bytes(range(256)) * 4 * 1024 * 13
    s3.upload_fileobj(io.BytesIO(large), "b-boto", "large", Config=TransferConfig(multipart_threshold=8 * 2**20, multipart_chunksize=6 * 2**20))
    head = s3.head_object(Bucket="b-boto", Key="large")
    assert head["ContentLength"] == len(large) and head["ETag"].endswith('-3"'), head
    assert s3.get_object(Bucket="b-boto", Key="large")["Body"].read() == large
    s3.copy_object(Bucket="b-boto", Key="kopie é", CopySource={"Bucket": "b-boto", "Key": "large"})
    assert s3.get_object(Bucket="b-boto", Key="kopie é")["Body"].read() == large
    refused("NoSuchKey", s3.copy_object, Bucket="b-boto", Key="x", CopySource="b-boto/none")
    refused("InvalidRequest", s3.copy_object, Bucket="b-boto", Key="large", CopySource="b-boto/large")

    upload = dict(Bucket="b-boto", Key="pieces", UploadId=s3.create_multipart_upload(Bucket="b-boto", Key="pieces")["UploadId"])
    tags = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    refused("InvalidPart", s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [{"PartNumber": 3, "ETag": tags[0]["ETag"]}]})
    refused("InvalidPartOrder", s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": tags[::-1]})
    refused("EntityTooSmall", s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": tags})
    refused("NoSuchKey", s3.get_object, Bucket="b-boto", Key="pieces")
    s3.abort_multipart_upload(**upload)
    refused("NoSuchUpload", s3.upload_part, **upload, PartNumber=1, Body=b"x")
    for name in ("large", "kopie é"):
        s3.delete_object(Bucket="b-boto", Key=name)

    # What is not known here is said to be so, and nothing else is done in its place.
    refused("NotImplemented", s3.get_bucket_policy, Bucket="b-boto")
    refused("NotImplemented", s3.get_bucket_acl, Bucket="b-boto")
    refused("NotImplemented", s3.put_public_access_block, Bucket="c-boto", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    refused("NotImplemented", s3.delete_bucket_policy, Bucket="b-boto")
    refused("NotImplemented", s3.put_object_tagging, Bucket="b-boto", Key="log_other", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    refused("NotImplemented", s3.delete_object, Bucket="b-boto", Key="log_other", VersionId="v")
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["b-boto"] and s3.head_object(Bucket="b-boto", Key="log_other")["ContentLength"] == 1
    pages = list(s3.get_paginator("list_objects").paginate(Bucket="b-boto", PaginationConfig={"PageSize": 4}))
    assert [len(page["Contents"]) for page in pages] == [4, 2], pages


def until(condition):
    import time
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come about in 20 s"
        time.sleep(0.05)


identity()
sts, iam, ec2, redshift, s3, secrets = map(client, ("sts", "iam", "ec2", "redshift", "s3", "secretsmanager"))
role_arn, group_id = role(iam), group(ec2)
policies(iam)
cluster(redshift, secrets, role_arn, group_id)
changes(redshift)
refused("NoSuchEntity", iam.attach_role_policy, RoleName="r-boto", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadAccess")
refused("UnknownOperationException", secrets.put_secret_value, SecretId="s", SecretString="t")
refused("UnknownOperationException", client("redshift-data").list_statements)
teardown(redshift, ec2, iam, group_id)
objects(s3)
orderable = redshift.describe_orderable_cluster_options(NodeType="ra3.large")["OrderableClusterOptions"]
assert {o["ClusterType"] for o in orderable} == {"single-node", "multi-node"}, orderable
print("all as it should be")
