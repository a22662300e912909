# Where there is no make: python course.py lab, python course.py test, ...
PYTHON ?= python3

# lab opens the lectures; test proves that everything works, quick most of it in two minutes; layout looks at every
# picture at every width; setup installs only; progress shows what is solved; run executes and stores lectures, as
# in: make run ARGS="02 03"; benchmark measures explorers and layers; lock moves lock.txt to the newest versions
# that pyproject.toml allows; start-over sets an exercise back to its stub: make start-over ARGS=moving_average
lab test quick layout setup progress start-over run benchmark lock:
	$(PYTHON) course.py $@ $(ARGS)

.PHONY: lab test quick layout setup progress start-over run benchmark lock
