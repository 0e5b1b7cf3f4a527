"""docs/deploy/: the Compose file and the Kubernetes manifests, by their schemas and by our code."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from benchmarks.scale_page import measured
from qa.access import hosts_of
from qa.settings import Settings, table
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
VERSIONS = ("1.30", "1.37")
UNITS = {"Mi": 2**20, "Gi": 2**30, "m": 2**20, "g": 2**30}
PLACEHOLDER = re.compile(r"\$\{(\w+):[?-]([^}]*)\}")


def objects() -> list[dict[str, Any]]:
    return [found for path in MANIFESTS for found in yaml.safe_load_all(path.read_text("utf-8"))]


def of_kind(kind: str, name: str) -> dict[str, Any]:
    [found] = [o for o in objects() if o["kind"] == kind and o["metadata"]["name"] == name]
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def pods() -> dict[str, dict[str, Any]]:
    return {
        o["metadata"]["name"]: o["spec"]["template"]["spec"]
        for o in objects()
        if o["kind"] in ("Deployment", "StatefulSet", "Job")
    }


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each with its pod."""
    for pod in pods().values():
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            yield pod, container


def number(quantity: str) -> float:
    digits, unit = re.fullmatch(r"(\d+)(\w*)", quantity).groups()  # type: ignore[union-attr]
    return int(digits) * UNITS[unit]


# --- by their schemas


def complaints(path: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("check-jsonschema")
    return subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", path], capture_output=True, text=True
    )


def test_the_compose_file_is_one_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    done = complaints(COMPOSE)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text("utf-8").replace(": service_healthy", ": when_ready"))
    assert complaints(wrong).returncode == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifests_are_what_kubernetes_takes(version: str) -> None:
    assert {path.name for path in MANIFESTS} >= {"verbatim.yaml", "ingress.yaml", "postgres.yaml"}
    for found in objects():
        kubernetes_validate.validate(found, version, strict=True)


def test_a_wrong_manifest_is_told() -> None:
    found = of_kind("Deployment", "verbatim")
    found["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(found, VERSIONS[-1], strict=True)


# --- by our code


def variables() -> dict[str, dict[str, str]]:
    """The environment that each of both gives our server."""
    web = services()["web"]["environment"]
    pod = dict(of_kind("ConfigMap", "verbatim")["data"])
    [container] = pods()["verbatim"]["containers"]
    pod |= {entry["name"]: "secret" for entry in container["env"]}
    compose = {name: PLACEHOLDER.sub("docs.example.org", value) for name, value in web.items()}
    return {"compose": compose, "kubernetes": pod}


@pytest.mark.parametrize("which", ["compose", "kubernetes"])
def test_the_settings_exist_and_go_together(which: str) -> None:
    names = {f"QA_{name.upper()}" for name, _, _ in table()}
    given = {n: v for n, v in variables()[which].items() if n.startswith("QA_")}
    assert given.keys() <= names
    settings = Settings.from_environment(given)
    assert settings.store == "milvus"
    assert settings.database_url.startswith("postgresql://")
    assert settings.milvus_token
    assert settings.threads == settings.max_concurrent == 2


def test_each_container_of_ours_has_the_same_settings() -> None:
    assert services()["create"]["environment"] == services()["web"]["environment"]
    pod = pods()["verbatim"]
    own = [*pod["initContainers"], *pod["containers"], *pods()["first-key"]["containers"]]
    assert len(own) == 3
    assert all(container["envFrom"] == own[0]["envFrom"] for container in own)
    assert all(container["env"] == own[0]["env"] for container in own)


def test_no_secret_is_written_down() -> None:
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable or "TOKEN" in variable or "SECRET" in variable:
                assert PLACEHOLDER.sub("", value) in ("", "root:"), (name, variable)
    for _, container in containers():
        for entry in container.get("env", ()):
            if "PASSWORD" in entry["name"] or "TOKEN" in entry["name"]:
                assert "secretKeyRef" in entry["valueFrom"]
    assert "Secret" not in {o["kind"] for o in objects()}


def test_what_compose_asks_for_is_in_its_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?\}", COMPOSE.read_text("utf-8")))
    example = (COMPOSE.parent / "example.env").read_text("utf-8")
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_the_probes_ask_what_the_server_answers_by_a_name_that_it_has() -> None:
    from web import health

    source = Path(health.__file__).read_text("utf-8")
    paths = set(re.findall(r'blueprint\.get\("([^"]+)"\)', source))
    known = hosts_of(of_kind("ConfigMap", "verbatim")["data"]["QA_HOSTS"])
    [web] = pods()["verbatim"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = web[probe]["httpGet"]
        assert asked["path"] in paths
        assert {h["value"] for h in asked["httpHeaders"] if h["name"] == "Host"} <= known
    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"  # a database that is down is no
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"  # reason to start servers again


def test_nothing_runs_as_root_or_writes_where_it_need_not() -> None:
    for pod, container in containers():
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert "memory" in container["resources"]["limits"]
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    for name in ("web", "create", "proxy"):
        service = services()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert services()["web"]["user"] == "10001"  # that of the Containerfile
    assert "--uid 10001" in (DEPLOY / "Containerfile").read_text("utf-8")


def test_only_the_proxy_is_reached_from_outside() -> None:
    for name, service in services().items():
        assert ("ports" in service) == (name == "proxy")
        assert ("outside" in service["networks"]) == (name == "proxy")


def test_there_is_memory_for_a_file_that_is_parsed_and_time_to_stop() -> None:
    at_work = max(megabytes for _, megabytes in measured().points("query", "resident_mb")) * 1e6
    for which, limit in (
        ("compose", services()["web"]["mem_limit"]),
        ("kubernetes", pods()["verbatim"]["containers"][0]["resources"]["limits"]["memory"]),
    ):
        given = {n: v for n, v in variables()[which].items() if n.startswith("QA_")}
        settings = Settings.from_environment(given)
        assert number(limit) >= at_work + settings.max_load_memory_bytes
    grace = pods()["verbatim"]["terminationGracePeriodSeconds"]
    assert grace > Settings().graceful_seconds + 5
    assert int(services()["web"]["stop_grace_period"].rstrip("s")) == grace


def test_the_proxies_let_an_upload_through() -> None:
    largest = Settings().max_upload_bytes
    proxy = (COMPOSE.parent / "nginx.conf").read_text("utf-8")
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", proxy)
    annotations = of_kind("Ingress", "verbatim")["metadata"]["annotations"]
    assert f"{megabytes}m" == annotations["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert int(megabytes) * 2**20 >= largest


def test_what_is_selected_exists() -> None:
    labels = {
        o["metadata"]["name"]: o["spec"]["template"]["metadata"]["labels"]
        for o in objects()
        if o["kind"] in ("Deployment", "StatefulSet", "Job")
    }
    for service in (o for o in objects() if o["kind"] == "Service"):
        wanted = service["spec"]["selector"].items()
        found = [name for name, own in labels.items() if wanted <= own.items()]
        assert found == [service["metadata"]["name"]]
    policy = of_kind("NetworkPolicy", "postgres")["spec"]["ingress"][0]["from"][0]
    callers = policy["podSelector"]["matchLabels"].items()
    assert [n for n, own in labels.items() if callers <= own.items()] == ["first-key", "verbatim"]
    [rule] = of_kind("Ingress", "verbatim")["spec"]["rules"]
    assert rule["host"] in hosts_of(of_kind("ConfigMap", "verbatim")["data"]["QA_HOSTS"])
    address = of_kind("ConfigMap", "verbatim")["data"]["QA_DATABASE_URL"]
    assert "@postgres/" in address
    assert of_kind("Service", "postgres")
