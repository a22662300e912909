# Where there is no make: python course.py lab, python course.py test, ...
PYTHON ?= python3

# lab opens the lectures; test proves that all works; setup installs only; progress shows what is solved;
# run executes and stores lectures, as in: make run ARGS="02 03"; benchmark measures explorers and layers
lab test setup progress run benchmark:
	$(PYTHON) course.py $@ $(ARGS)

.PHONY: lab test setup progress run benchmark
