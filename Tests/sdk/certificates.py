"""Certificates of an authority of its own, by the openssl command line."""

import subprocess
from pathlib import Path


class Authority:
    def __init__(self, directory: Path):
        self._directory = directory
        self.file = directory / "authority.pem"
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                  "authority.key", "-out", self.file.name, "-subj", "/CN=Weir test authority", "-days", "2",
                  "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, serial: int) -> None:
        """Puts a certificate for this machine into server.pem, its key into server.key, in the place of earlier ones."""
        extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
        (self._directory / "extensions.cnf").write_text(extensions)
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "next.key",
                  "-out", "next.csr", "-subj", "/CN=localhost")
        self._run("x509", "-req", "-in", "next.csr", "-CA", self.file.name, "-CAkey", "authority.key", "-set_serial",
                  str(serial), "-days", "2", "-extfile", "extensions.cnf", "-out", "next.pem")
        for kind in ("key", "pem"):
            (self._directory / f"next.{kind}").replace(self._directory / f"server.{kind}")

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._directory, check=True, capture_output=True, timeout=20)
