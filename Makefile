# Where there is no make: python course.py lab, python course.py test, ...
PYTHON ?= python3

lab test setup progress: ## open the lectures; prove that all works; install only; show the learner's progress
	$(PYTHON) course.py $@ $(ARGS)

benchmark: ## measure the explorers' latency in a real JupyterLab
	$(PYTHON) course.py setup
	.venv/bin/python tests/benchmarks/latency.py $(ARGS)

.PHONY: lab test setup progress benchmark
