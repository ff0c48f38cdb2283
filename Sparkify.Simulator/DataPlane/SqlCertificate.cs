using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// What SQL ports prove who they are with: a certificate of their own, made at every start, that is its own authority. A client that
/// verifies is given it as its root.
/// </summary>
internal sealed class SqlCertificate : IDisposable
{
    private SqlCertificate(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Without its private key, as PEM.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>Makes one, and writes it beside the simulator's state, if that has a file.</summary>
    public static SqlCertificate Create(string? stateFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sparkify Redshift simulator", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // By the machine's own clock, as clients judge it; a day back for clocks that differ.
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        // Windows takes no key that lives in memory only.
        var certificate = new SqlCertificate(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null));
        if (stateFile is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(stateFile))!);
            File.WriteAllText(Path.ChangeExtension(stateFile, ".crt"), certificate.Pem);
        }

        return certificate;
    }

    public void Dispose() => Certificate.Dispose();
}
